"""The words of ``fraudsim.attacks.kit.scene``, one idea a file; each knows those before it."""
