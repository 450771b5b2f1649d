"""Thanks and case studies: what managers write of the good that people do."""
