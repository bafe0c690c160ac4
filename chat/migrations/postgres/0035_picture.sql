-- The shown picture of a person whom a product signs in: its https URL, of an origin that the product's configuration allows.
-- `external_identity` has the one that the last token gave, whatever its origin is.
ALTER TABLE account ADD COLUMN picture TEXT CHECK (length(picture) <= 2048);
