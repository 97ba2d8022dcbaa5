"""Windows of images as columns."""

from normlab.nn import col2im_indices, im2col_indices

__all__ = ["col2im_indices", "im2col_indices"]
