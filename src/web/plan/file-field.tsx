import { useId, useRef, useState, type ReactElement } from "react";
import { fileLimits } from "#core/plan/attachment.ts";
import { Icon } from "#web/ui/icons.tsx";
import { readChosen, sizeText, type ChosenFile } from "./chosen-files.ts";

interface FieldProps {
  readonly isRequired: boolean;
  readonly files: readonly ChosenFile[];
  readonly error: string | null;
  readonly onChange: (files: readonly ChosenFile[]) => void;
}

/** Files as evidence: chosen one after the other or together, each shown with its size and taken out again. */
export function FileField({ isRequired, files, error, onChange }: FieldProps): ReactElement {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [unreadable, setUnreadable] = useState<string | null>(null);
  const complaint = unreadable ?? error;
  const choose = async (chosen: readonly File[]): Promise<void> => {
    try {
      const read = await readChosen(chosen);
      setUnreadable(null);
      onChange([...files, ...read]);
    } catch {
      setUnreadable("A file could not be read. Choose it again.");
    }
  };
  const remove = (at: number): void => {
    onChange(files.filter((_, place) => place !== at));
    input.current?.focus();
  };
  return (
    <div className="file-field">
      <label className="field-label" htmlFor={id}>
        {isRequired ? "Files as evidence" : "Files as evidence (optional)"}
      </label>
      <p id={`${id}-hint`} className="small dim">
        {fileLimits.files} at most, {sizeText(fileLimits.bytes)} each; they stay on record with their digest.
      </p>
      <input
        ref={input}
        id={id}
        type="file"
        multiple
        aria-invalid={complaint === null ? undefined : "true"}
        aria-describedby={complaint === null ? `${id}-hint` : `${id}-hint ${id}-error`}
        onChange={(event) => {
          const chosen = [...(event.currentTarget.files ?? [])];
          // Emptied, so that a file that was taken out can be chosen once more.
          event.currentTarget.value = "";
          void choose(chosen);
        }}
      />
      <Chosen files={files} onRemove={remove} />
      {complaint !== null && (
        <p id={`${id}-error`} className="field-error" role="alert">
          {complaint}
        </p>
      )}
    </div>
  );
}

interface ChosenProps {
  readonly files: readonly ChosenFile[];
  readonly onRemove: (place: number) => void;
}

function Chosen({ files, onRemove }: ChosenProps): ReactElement | null {
  if (files.length === 0) return null;
  return (
    <ul className="file-list" aria-label="Chosen files">
      {files.map(({ name, bytes }, place) => (
        // Two may bear one name until somebody takes one out.
        // oxlint-disable-next-line react/no-array-index-key
        <li key={`${place} ${name}`}>
          <span className="file-name">{name}</span>
          <span className="small dim">{sizeText(bytes)}</span>
          <button type="button" className="icon-link" onClick={() => onRemove(place)} aria-label={`Take out ${name}`}>
            <Icon name="cross" />
          </button>
        </li>
      ))}
    </ul>
  );
}
