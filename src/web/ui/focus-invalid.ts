import { useEffect, type RefObject } from "react";

// What merely frames a field may say so too, and takes no focus.
const invalid = ':is(input, select, textarea)[aria-invalid="true"]';

/** The first field of the form that is wrong takes the focus whenever `shown` becomes another truthy value. */
export function useFocusOnInvalid(form: RefObject<HTMLFormElement | null>, shown: number | boolean): void {
  useEffect(() => {
    if (shown !== false && shown !== 0) form.current?.querySelector<HTMLElement>(invalid)?.focus();
  }, [form, shown]);
}
