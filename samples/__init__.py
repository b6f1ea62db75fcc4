"""Everything a newcomer can try Hakadori on: a stand-in town hall, blank forms and composed scans."""
