"""Who acts: customers, merchants, fraudsters and the issuer. Imported as ``fraudsim.agents``."""

if __name__ != "fraudsim.agents":
    raise ImportError("import fraudsim.agents, not agents: see 'Layout' in the README")
