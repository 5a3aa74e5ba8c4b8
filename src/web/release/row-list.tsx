import { useRef, type ReactElement, type ReactNode } from "react";
import { Button, NativeSelect } from "@mantine/core";
import { useRowKeys } from "#web/ui/row-keys.ts";
import { CommandLine } from "#web/ui/widgets.tsx";
import { choicesOf } from "./row.ts";
import "./deployments.css";

interface NameFilterProps {
  readonly label: string;
  readonly names: readonly string[];
  readonly value: string | undefined;
  readonly onChange: (name: string | undefined) => void;
}

/** One of the names that appear, or any. */
export function NameFilter({ label, names, value, onChange }: NameFilterProps): ReactElement {
  return (
    <NativeSelect
      label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      data={[{ value: "", label: `Any ${label.toLowerCase()}` }, ...choicesOf(names, value)]}
    />
  );
}

interface StateFilterProps<State extends string> {
  readonly choices: readonly {
    readonly value: string;
    readonly label: string;
    readonly state: State | undefined;
  }[];
  readonly value: State | undefined;
  readonly onChange: (state: State | undefined) => void;
}

export function StateFilter<State extends string>(props: StateFilterProps<State>): ReactElement {
  const { choices, value, onChange } = props;
  return (
    <NativeSelect
      label="State"
      value={value ?? ""}
      onChange={(event) => onChange(choices.find((one) => one.value === event.currentTarget.value)?.state)}
      data={choices.map((one) => ({ value: one.value, label: one.label }))}
    />
  );
}

interface TableProps {
  readonly caption: string;
  /** Beside `table deployments`. */
  readonly className?: string;
  /** Of the columns; the last is a number. */
  readonly heads: readonly string[];
  readonly children: ReactNode;
}

/** Rows that are gone through and opened by keyboard. */
export function RowTable({ caption, className = "", heads, children }: TableProps): ReactElement {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <div className="panel">
      <table className={`table deployments ${className}`}>
        <caption className="hidden-visually">{caption}</caption>
        <thead>
          <tr>
            {heads.map((head, place) => (
              <th key={head} scope="col" className={place === heads.length - 1 ? "number" : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>{children}</tbody>
      </table>
    </div>
  );
}

interface FootProps {
  /** The same list on the command line. */
  readonly command: string;
  readonly list: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  };
}

/** What leads on from a list: its older rows, its command, its keys. */
export function ListFoot({ command, list }: FootProps): ReactElement {
  return (
    <div className="row list-foot">
      {list.hasNextPage && (
        <Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show older ones
        </Button>
      )}
      <CommandLine command={command} />
      <span className="small dim keys-hint">
        <kbd>j</kbd> <kbd>k</kbd> move, <kbd>Enter</kbd> opens
      </span>
    </div>
  );
}
