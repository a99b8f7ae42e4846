"""What people see in Slack: pure functions of values."""
