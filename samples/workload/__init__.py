"""A survey of working hours (業務棚卸), composed by us in the categories of a real town's."""
