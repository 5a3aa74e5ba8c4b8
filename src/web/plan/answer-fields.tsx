import type { ReactElement } from "react";
import { PasswordInput, Textarea } from "@mantine/core";

/** As long as the contract allows. */
export const maxText = 2000;

interface TextProps {
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (text: string) => void;
}

export function NoteField(props: TextProps & { readonly label: string; readonly description: string }): ReactElement {
  const { label, description, value, error, onChange } = props;
  return (
    <Textarea
      label={label}
      description={description}
      rows={2}
      autosize
      maxRows={8}
      maxLength={maxText}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Whoever signs shows a token once more; it goes to the server with this answer and is kept nowhere. */
export function TokenField({ value, error, onChange }: TextProps): ReactElement {
  return (
    <PasswordInput
      label="Your token, as a signature"
      description="A token of an account that you use yourself. It shows once more that it is you, for exactly this; it is not kept."
      autoComplete="off"
      aria-invalid={error === null ? undefined : true}
      visibilityToggleButtonProps={{ "aria-label": "Show the token", tabIndex: 0 }}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
