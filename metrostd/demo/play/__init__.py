"""Playing a campaign through the services the screens use, with the clock pinned to each act."""
