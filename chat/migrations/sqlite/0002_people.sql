-- How people show themselves, and how they want to be shown things.

-- The colour of the picture; none: by the id.
ALTER TABLE account ADD COLUMN hue INTEGER CHECK (hue BETWEEN 0 AND 7);
-- Each is "auto", or a value that was checked when it was set.
ALTER TABLE account ADD COLUMN theme TEXT NOT NULL DEFAULT 'auto';
ALTER TABLE account ADD COLUMN language TEXT NOT NULL DEFAULT 'auto';
ALTER TABLE account ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'auto';
