-- The subject of a product that a conversation is about; none: the conversation has no subject.
ALTER TABLE conversation ADD COLUMN subject_kind TEXT COLLATE "C";
-- The product's id of the subject.
ALTER TABLE conversation ADD COLUMN subject_id TEXT COLLATE "C";
-- The ids of the participants in order, separated by commas; empty where the kind has one conversation per subject.
ALTER TABLE conversation ADD COLUMN subject_people TEXT COLLATE "C";
-- Title, link, image and fields, as JSON.
ALTER TABLE conversation ADD COLUMN subject_card TEXT;
-- The reason why nobody can write; none: the conversation is open.
ALTER TABLE conversation ADD COLUMN closed_reason TEXT;

CREATE UNIQUE INDEX conversation_by_subject ON conversation (subject_kind, subject_id, subject_people)
    WHERE subject_kind IS NOT NULL;

-- The role of a member in the subject, such as "seller".
ALTER TABLE member ADD COLUMN subject_role TEXT;
