import type { ReactElement } from "react";
import { Textarea } from "@mantine/core";

/** As long as the contract allows. */
const maxReason = 2000;

interface ReasonProps {
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (reason: string) => void;
}

/** Why somebody does what the dialog is about. */
export function ReasonField({ value, error, onChange }: ReasonProps): ReactElement {
  return (
    <Textarea
      label="Reason"
      description="It goes on record under your name."
      data-autofocus
      required
      withAsterisk={false}
      rows={2}
      maxLength={maxReason}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
