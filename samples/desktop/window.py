"""The window of the pretend welfare system: a list with a search, an entry form, and the questions it asks.

Everything that real programs of this kind do to a robot is here: a login window, a second window for the question
「登録しますか」, a message with the receipt number, and (switched on by a test) a program that dies right after saving.
"""

from __future__ import annotations

import os
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from samples.desktop.store import FIELDS, Store

TITLE = "福祉システム"
KINDS = ("新規", "変更", "廃止")
FONT = ("IPAexGothic", 15)


class WelfareWindow(tk.Tk):
    """The main window.

    Args:
        store: Where registrations go.
        password: Asked at the start when not empty.
        dies_after_saving: End without a word right after the first registration was saved.
    """

    def __init__(self, store: Store, *, password: str = "", dies_after_saving: bool = False) -> None:
        super().__init__()
        self._store = store
        self._dies = dies_after_saving
        self._inputs: dict[str, ttk.Entry | ttk.Combobox] = {}
        self.title(TITLE)
        self.geometry("760x520+20+20")
        self.option_add("*Font", FONT)
        ttk.Style(self).configure(".", font=FONT)
        self._search_bar()
        self._list()
        self._form()
        self._show(self._store.all())
        if password:
            self.withdraw()
            _Login(self, password)

    def _search_bar(self) -> None:
        bar = ttk.Frame(self, padding=8)
        bar.pack(fill="x")
        ttk.Label(bar, text="検索する番号").pack(side="left")
        self._wanted = ttk.Entry(bar, width=14)
        self._wanted.pack(side="left", padx=6)
        ttk.Button(bar, text="検索", command=self._search).pack(side="left")
        self._found = ttk.Label(bar, text="")
        self._found.pack(side="left", padx=12)

    def _list(self) -> None:
        self._rows = ttk.Treeview(self, columns=("受付番号", *FIELDS[:2]), show="headings", height=4)
        ttk.Style(self).configure("Treeview", rowheight=26)
        for name in ("受付番号", *FIELDS[:2]):
            self._rows.heading(name, text=name)
            self._rows.column(name, width=160)
        self._rows.pack(fill="x", padx=8)

    def _form(self) -> None:
        form = ttk.LabelFrame(self, text="新規入力", padding=8)
        form.pack(fill="both", expand=True, padx=8, pady=8)
        for row, name in enumerate(FIELDS):
            ttk.Label(form, text=name, width=10).grid(row=row, column=0, sticky="w", pady=2)
            field = (
                ttk.Combobox(form, values=KINDS, width=12) if name == "区分" else ttk.Entry(form, width=32)
            )
            field.grid(row=row, column=1, sticky="w", pady=2)
            self._inputs[name] = field
        ttk.Button(form, text="登録", command=self._ask).grid(row=len(FIELDS), column=1, sticky="w", pady=6)
        self._said = ttk.Label(form, text="", foreground="#a00000")
        self._said.grid(row=len(FIELDS) + 1, column=1, sticky="w")

    def _search(self) -> None:
        found = self._store.all(self._wanted.get().strip())
        self._show(found)
        self._found["text"] = f"{len(found)} 件見つかりました" if found else "該当する登録はありません"

    def _show(self, registrations: list) -> None:  # type: ignore[type-arg]
        self._rows.delete(*self._rows.get_children())
        for one in registrations[-4:]:
            self._rows.insert(
                "", "end", values=(f"{one.receipt:08d}", one.values["台帳番号"], one.values["氏名"])
            )

    def _ask(self) -> None:
        values = {name: field.get().strip() for name, field in self._inputs.items()}
        empty = [name for name in FIELDS if not values[name]]
        self._said["text"] = f"入力してください: {empty[0]}" if empty else ""
        if not empty:
            _Question(self, "登録の確認", "この内容で登録しますか", lambda: self._save(values))

    def _save(self, values: dict[str, str]) -> None:
        saved = self._store.add(values)
        if self._dies:
            os._exit(1)
        self._show(self._store.all())
        for field in self._inputs.values():
            field.delete(0, "end")
        _Message(self, "登録完了", f"登録しました 受付番号 {saved.receipt:08d}")


class _Dialog(tk.Toplevel):
    """A window in front of the main window that takes all input until it is answered."""

    def __init__(self, parent: tk.Tk, title: str, words: str) -> None:
        super().__init__(parent)
        self.title(title)
        self.geometry("420x150+160+200")
        self.configure(borderwidth=2, relief="raised")
        ttk.Label(self, text=words).pack(pady=20)
        self.buttons = ttk.Frame(self)
        self.buttons.pack()
        self.wait_visibility()
        self.grab_set()
        self.focus_force()

    def button(self, words: str, command: Callable[[], None]) -> None:
        ttk.Button(self.buttons, text=words, command=command).pack(side="left", padx=24)

    def answer(self, then: Callable[[], None] | None = None) -> None:
        self.destroy()
        if then is not None:
            then()


class _Question(_Dialog):
    def __init__(self, parent: tk.Tk, title: str, words: str, yes: Callable[[], None]) -> None:
        super().__init__(parent, title, words)
        self.button("はい", lambda: self.answer(yes))
        self.button("いいえ", self.answer)


class _Message(_Dialog):
    def __init__(self, parent: tk.Tk, title: str, words: str) -> None:
        super().__init__(parent, title, words)
        self.button("閉じる", self.answer)


class _Login(tk.Toplevel):
    """Asks for the password before the main window shows itself."""

    def __init__(self, parent: tk.Tk, password: str) -> None:
        super().__init__(parent)
        self._parent, self._password = parent, password
        self.title("福祉システム ログイン")
        self.geometry("420x180+60+60")
        ttk.Label(self, text="パスワード").pack(pady=(16, 2))
        self._typed = ttk.Entry(self, show="*", width=24)
        self._typed.pack()
        ttk.Button(self, text="ログイン", command=self._check).pack(pady=10)
        self._said = ttk.Label(self, text="")
        self._said.pack()

    def _check(self) -> None:
        if self._typed.get() != self._password:
            self._said["text"] = "パスワードが違います"
            return
        self.destroy()
        self._parent.deiconify()
