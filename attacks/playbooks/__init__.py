"""Attack patterns that are written as playbooks; one YAML file each."""
