import type { ReactElement } from "react";
import { Textarea } from "@mantine/core";

/** As long as the contract allows. */
const maxLength = 2000;

interface TextProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (value: string) => void;
  /** The first field of a dialog takes the focus. */
  readonly place?: "first" | "later";
}

/** A reason, a cause, a proof: some sentences that have to be given. */
export function LongText({ label, description, value, error, onChange, place = "first" }: TextProps): ReactElement {
  return (
    <Textarea
      label={label}
      description={description}
      required
      withAsterisk={false}
      data-autofocus={place === "first" ? true : undefined}
      rows={3}
      maxLength={maxLength}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
