// First use of the command line in a fresh clone: install, then the caller starts the pinned Node itself.
import process from "node:process";
import { ensureInstalled, pinnedNode } from "./setup.mjs";

try {
  ensureInstalled();
  pinnedNode();
} catch (error) {
  console.error(`tidegate: ${error.message}`);
  process.exit(1);
}
