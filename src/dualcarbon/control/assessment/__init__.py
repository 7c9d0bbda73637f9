"""Assessment: dated rubrics with closed scoring forms, score sheets, grades, rank stability."""
