import type { ReactElement } from "react";
import { Checkbox } from "@mantine/core";

interface ChoicesProps {
  readonly legend: string;
  readonly names: readonly string[];
  readonly chosen: readonly string[];
  readonly error?: string | null;
  readonly onChange: (chosen: readonly string[]) => void;
}

/** Some of a few names. */
export function Choices({ legend, names, chosen, error = null, onChange }: ChoicesProps): ReactElement {
  return (
    <fieldset className="choices">
      <legend className="field-label">{legend}</legend>
      {names.map((name) => (
        <Checkbox
          key={name}
          label={name}
          checked={chosen.includes(name)}
          onChange={(event) =>
            onChange(event.currentTarget.checked ? [...chosen, name] : chosen.filter((one) => one !== name))
          }
        />
      ))}
      {error !== null && <p className="field-error">{error}</p>}
    </fieldset>
  );
}
