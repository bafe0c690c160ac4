// node --test tools/module-circles.test.mjs
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";
import { moduleCircles } from "./module-circles.mjs";

/** The circles of a crate with these files. */
function circlesOf(files) {
  const src = mkdtempSync(join(tmpdir(), "circles-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(src, name)), { recursive: true });
      writeFileSync(join(src, name), text);
    }
    return moduleCircles(src);
  } finally {
    rmSync(src, { recursive: true });
  }
}

test("a circle at the top level", () => {
  const lib = "mod a; mod b; mod c;";
  const files = { "lib.rs": lib, "a.rs": "use crate::b::B;", "b.rs": "use crate::{a::A, c};", "c.rs": "" };
  assert.deepEqual(circlesOf(files), [["a", "b"]]);
  assert.deepEqual(circlesOf({ ...files, "b.rs": "use crate::c;" }), []);
});

test("a circle below the top level, through super, braces and paths in code", () => {
  const files = {
    "lib.rs": "mod a;",
    "a/mod.rs": "mod b; mod c; mod d;",
    "a/b.rs": "use super::{c::{C, OTHER}, X};",
    "a/c.rs": "fn f() { crate::a::d::g() }",
    "a/d/mod.rs": "mod e;",
    "a/d/e.rs": "use super::super::b::B;",
  };
  assert.deepEqual(circlesOf(files), [["a::b", "a::c", "a::d"]]);
});

test("a circle through a name that a parent re-exports", () => {
  const files = {
    "lib.rs": "mod a;",
    "a.rs": "mod b; mod c; pub use b::Thing;",
    "a/b.rs": "use super::c::C;",
    "a/c.rs": "use crate::a::Thing;",
  };
  assert.deepEqual(circlesOf(files), [["a::b", "a::c"]]);
});

test("a parent and its children form none, nor do tests, comments and other crates", () => {
  const files = {
    "lib.rs": "mod a; mod b; use a::A;",
    "a.rs": "mod child; use child::C; // crate::b\n#[cfg(test)]\nmod tests {\n use crate::b::B;\n}",
    "a/child.rs": "use super::A; use crate::a;",
    "a/tests.rs": "use crate::b::B;",
    "b.rs": "use crate::a::A; use serde::a::X;",
  };
  assert.deepEqual(circlesOf(files), []);
});
