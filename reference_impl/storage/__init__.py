"""Where objects lie, and how they are written, read and deleted there."""
