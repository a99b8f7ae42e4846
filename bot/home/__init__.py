"""The app's Home tab: what somebody should see before asking anything."""
