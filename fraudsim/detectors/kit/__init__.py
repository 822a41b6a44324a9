"""What detectors share, and the ways to plug one in that is not ours, one file each."""
