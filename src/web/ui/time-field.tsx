import { useId, type ReactElement } from "react";
import { viewerZone } from "./time.ts";

interface FieldProps {
  readonly label: string;
  /** Local to the viewer, as `<input type="datetime-local">` has it. */
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | null;
  readonly required?: boolean;
}

/** An instant on the clock of the viewer; its zone stands in the label. */
export function TimeField({ label, value, onChange, error = null, required = false }: FieldProps): ReactElement {
  const id = useId();
  return (
    <div className="time-field">
      <label className="field-label" htmlFor={id}>
        {label} ({viewerZone()})
      </label>
      <input
        id={id}
        type="datetime-local"
        value={value}
        required={required}
        aria-invalid={error === null ? undefined : "true"}
        aria-describedby={error === null ? undefined : `${id}-error`}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {error !== null && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
}
