import type { Command } from "commander";
import type { Io } from "./io.ts";

/** Adds one command, or a group of them, to the program. One file each; see `registry.ts`. */
export type AddCommand = (program: Command, io: Io) => void;
