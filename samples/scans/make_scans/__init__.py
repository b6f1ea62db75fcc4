"""Makes the 30 sample scans and their truth files, and further development sets with other seeds."""
