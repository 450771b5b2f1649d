"""The annual report: a year's figures, thanks and stories, frozen, as pages and as a PDF."""
