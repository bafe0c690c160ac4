-- Folded words of usernames and names, for the search for people. A word is found by its beginning.
CREATE TABLE person_word (
    user_id INTEGER NOT NULL REFERENCES account (id),
    word    TEXT NOT NULL,
    PRIMARY KEY (user_id, word)
) STRICT, WITHOUT ROWID;

CREATE INDEX person_word_by_word ON person_word (word, user_id);

-- The shown name, folded so that names that look alike are equal; none: it is the shown name in ASCII lower case.
ALTER TABLE account ADD COLUMN name_key TEXT;
-- The version of the program's folding that made the words and the key; 0: none yet. A server folds older ones when it starts.
ALTER TABLE account ADD COLUMN folding INTEGER NOT NULL DEFAULT 0;
CREATE INDEX account_by_folding ON account (folding, id);

-- Servers compare the suspended people with those that they know.
CREATE INDEX account_suspended ON account (suspended, id);

-- The words replace it.
DROP INDEX account_search;
ALTER TABLE account DROP COLUMN search;
