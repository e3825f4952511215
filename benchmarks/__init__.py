"""What Tidegate measures of itself, beside what others reach on the same machine in the same run."""
