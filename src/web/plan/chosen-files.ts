import { fileLimits } from "#core/plan/attachment.ts";

/** A file as the contract takes it, with what a person sees of it. */
export interface ChosenFile {
  readonly name: string;
  readonly bytes: number;
  /** Base64. */
  readonly content: string;
}

/** Why these files would not be kept together; null: they would. The server has the last word. */
export function whyNotKept(files: readonly Pick<ChosenFile, "name" | "bytes">[]): string | null {
  if (files.length > fileLimits.files) return `An answer has ${fileLimits.files} files at most; take some out.`;
  const empty = files.find(({ bytes }) => bytes === 0);
  if (empty !== undefined) return `${empty.name} is empty. Take it out.`;
  const big = files.find(({ bytes }) => bytes > fileLimits.bytes);
  if (big !== undefined) {
    return `${big.name} has ${sizeText(big.bytes)}; ${sizeText(fileLimits.bytes)} are kept at most. Take it out, and name where it is in the note.`;
  }
  const names = files.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  return twice === undefined ? null : `Two files are called ${twice}. Take one out.`;
}

/** `12 B`, `3.4 KiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kibibytes = bytes / 1024;
  return `${kibibytes < 10 ? Math.round(kibibytes * 10) / 10 : Math.round(kibibytes)} KiB`;
}

/** Reads what somebody chose; what is too big is not read, since it is refused by its size. */
export async function readChosen(files: readonly File[]): Promise<readonly ChosenFile[]> {
  return await Promise.all(
    files.map(async (file) => ({
      name: file.name,
      bytes: file.size,
      content: file.size === 0 || file.size > fileLimits.bytes ? "" : await base64Of(file),
    })),
  );
}

/** A reader of the browser that all of them have; its result is `data:…;base64,…`. */
function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const text = typeof reader.result === "string" ? reader.result : "";
      resolve(text.slice(text.indexOf(",") + 1));
    });
    reader.addEventListener("error", () => reject(reader.error ?? new Error(`${file.name} cannot be read`)));
    reader.readAsDataURL(file);
  });
}
