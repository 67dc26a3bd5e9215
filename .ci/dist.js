#!/usr/bin/env node
// Starts the program of this machine. It lies in a package of its own, which npm installs for one system only.
"use strict";
const { spawnSync } = require("node:child_process");
const path = require("node:path");

const name = `@hotpass/${process.platform}-${process.arch}`;
let folder;
try {
  folder = path.dirname(require.resolve(`${name}/package.json`));
} catch {
  console.error(`hotpass: the package ${name} is not installed; there may be no program for this system`);
  process.exit(1);
}
const program = path.join(folder, "bin", process.platform === "win32" ? "hotpass.exe" : "hotpass");
// An interrupt reaches both; what the program makes of it counts.
process.on("SIGINT", () => {});
const ended = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (ended.error) {
  console.error(`hotpass: ${program} cannot be started: ${ended.error.message}`);
  process.exit(1);
}
if (ended.signal) {
  process.removeAllListeners(ended.signal);
  process.kill(process.pid, ended.signal);
} else {
  process.exit(ended.status);
}
