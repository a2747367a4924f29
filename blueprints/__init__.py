"""HTTP only: each noun's routes and forms."""
