from .monthly import ApproveForm, LateForm, ReasonForm, ReportForm

__all__ = ["ApproveForm", "LateForm", "ReasonForm", "ReportForm"]
