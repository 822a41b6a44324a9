"""``python -m fraudsim`` is the command ``fraudsim``."""

from __future__ import annotations

from fraudsim.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
