import { prepared, type Statement } from "./sql.ts";

/** Texts that one family of statements may have before further ones are planned anew at every call. */
const maxPreparedTexts = 32;

/**
 * For a statement whose text has a few forms and which takes longer to plan than to run: each form is prepared under a
 * name of its own. A form too many is not, so that no connection fills up with plans.
 */
export function preparedByText(family: string): (statement: Statement) => Statement {
  const names = new Map<string, string>();
  return (statement) => {
    const { text } = statement;
    if (!names.has(text) && names.size < maxPreparedTexts) names.set(text, `${family}-${names.size}`);
    const name = names.get(text);
    return name === undefined ? statement : prepared(name, statement);
  };
}
