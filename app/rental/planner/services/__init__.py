"""What the planner reads, and how it moves bookings."""
