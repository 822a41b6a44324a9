"""The issuer: authorisation, blocks, reissues, disputes."""
