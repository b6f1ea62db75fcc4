"""Our own pen-stroke skeletons of digits, kana and capitals, and the reader of that file."""
