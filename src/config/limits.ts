/** Bounds of what is read as configuration. Every one is named in the message of the problem that it causes. */
export const limits = {
  /** A file that people write and review; a larger one is data or an accident. */
  fileBytes: 1024 * 1024,
  /** All files of one folder or one request. */
  totalBytes: 16 * 1024 * 1024,
  documents: 20_000,
  /** Nested values; the deepest kind needs six. */
  depth: 32,
  /** Values of one file after its aliases are expanded. */
  values: 200_000,
  /** Uses of anchors in one file: convenience, never a bomb. */
  aliases: 100,
  /** Texts of one file that the YAML parser refuses; more help nobody. */
  yamlErrors: 20,
  nameLength: 63,
  listLength: 1_000,
  textLength: 4_096,
} as const;
