import { useId, type ReactElement } from "react";
import { TextInput } from "@mantine/core";
import { useDeployments, useMatrix } from "./queries.ts";
import { knownVersions } from "./versions.ts";

interface FieldProps {
  readonly service: string;
  readonly value: string;
  readonly onChange: (version: string) => void;
  /** When the field is left, or Enter is pressed. */
  readonly onSettled?: (version: string) => void;
  readonly error?: string | null;
}

/** Any version can be typed; those that run or were asked for are offered. */
export function VersionField({ service, value, onChange, onSettled, error = null }: FieldProps): ReactElement {
  const id = useId();
  const { data: matrix } = useMatrix(undefined);
  const { data: list } = useDeployments({ environment: undefined, service: service || undefined, state: undefined });
  const items = list?.pages.flatMap((page) => page.items) ?? [];
  const known = knownVersions(service, matrix?.cells ?? [], items);
  return (
    <div>
      <TextInput
        label="Version"
        required
        withAsterisk={false}
        placeholder={known[0] ?? "1.4.0"}
        list={id}
        autoComplete="off"
        value={value}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value.trim())}
        onBlur={() => onSettled?.(value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onSettled?.(value);
        }}
      />
      <datalist id={id}>
        {known.map((version) => (
          <option key={version} value={version}>
            {version}
          </option>
        ))}
      </datalist>
    </div>
  );
}
