"""When does something happen by itself? The scheduler's jobs, each calling one verb."""
