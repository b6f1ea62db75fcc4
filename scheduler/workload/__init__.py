"""業務棚卸: where a town's hours go, what of it is worth automating, and how much of it the jobs have saved."""
