import { Dialog as DialogPrimitive } from "@base-ui/react/dialog";
import type { ComponentProps, ReactNode } from "react";

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
