"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Dialog as DialogPrimitive } from "@base-ui/react/dialog";
import type { ComponentProps, ReactNode } from "react";
import { Button } from "@/components/ui/button.tsx";
import { setApiKey, stopAskingForKey } from "@/lib/credentials.ts";

/** State of a dialog: open or not. */
export const Dialog = DialogPrimitive.Root;

/** Button that closes the dialog it stands in. */
export const DialogClose = DialogPrimitive.Close;

interface DialogContentProps extends ComponentProps<typeof DialogPrimitive.Popup> {
  readonly title: string;
  readonly description?: ReactNode;
}

/** The window of a dialog with its title, over a dimmed page. */
export function DialogContent({ title, description, children, ...props }: DialogContentProps) {
  return (
    <DialogPrimitive.Portal>
      <DialogPrimitive.Backdrop className="fixed inset-0 z-40 bg-scrim" />
      <DialogPrimitive.Popup
        className="plate fixed top-1/2 left-1/2 z-50 w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 p-6"
        {...props}
      >
        <DialogPrimitive.Title className="font-display text-xl font-semibold">
          {title}
        </DialogPrimitive.Title>
        {description !== undefined && (
          <DialogPrimitive.Description className="mt-2 text-sm text-muted">
            {description}
          </DialogPrimitive.Description>
        )}
        {children}
      </DialogPrimitive.Popup>
    </DialogPrimitive.Portal>
  );
}

/** The dialog for an API key, which stays in this page's memory alone. */
export function KeyForm() {
  const queries = useQueryClient();
  const keep = (form: FormData) => {
    const key = form.get("key");
    setApiKey(typeof key === "string" && key.trim() !== "" ? key.trim() : null);
    void queries.invalidateQueries();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && stopAskingForKey()}>
      <DialogContent
        title="This server wants a key"
        description="It is kept in this page's memory until you close or reload it, and sent to this server only."
      >
        <form action={keep} className="mt-5">
          <label className="block text-sm font-medium" htmlFor="api-key">
            API key
          </label>
          <input
            id="api-key"
            name="key"
            type="password"
            autoComplete="off"
            required
            className="mt-1.5 h-10 w-full rounded-md border border-edge bg-paper px-3 font-mono text-sm"
          />
          <div className="mt-5 flex justify-end gap-3">
            <DialogClose render={<Button variant="ghost">Not now</Button>} />
            <Button type="submit" variant="primary">
              Use this key
            </Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
