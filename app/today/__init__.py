"""The day itself: the board of a site, and the tablet in the building."""
