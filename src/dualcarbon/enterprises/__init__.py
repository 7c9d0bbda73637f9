"""The enterprises room: key energy-using units, their tiers and lists."""
