"""What fraudsters do: one file per pattern. Imported as ``fraudsim.attacks``."""

if __name__ != "fraudsim.attacks":
    raise ImportError("import fraudsim.attacks, not attacks: see 'Layout' in the README")
