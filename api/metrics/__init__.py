"""What Prometheus may know: counts and times. No label holds anything that a user wrote."""
